"""What does a customer owe, and how is it settled (F3, F5, F7)?"""
