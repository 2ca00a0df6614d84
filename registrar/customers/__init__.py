"""Who are the customers, and what keeps their orders waiting (O6, F5)?"""
