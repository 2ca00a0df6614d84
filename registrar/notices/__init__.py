"""What do we owe a customer to say, and was it said, once (E2, O1, O11)?"""
