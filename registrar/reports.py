"""What did a customer report, and was it in time (E3, O8, O9)?"""
