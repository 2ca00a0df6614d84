"""What is everything that is known of an order or a claim, in one file for a dispute (C3)?"""
