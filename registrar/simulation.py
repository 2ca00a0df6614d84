"""What would changed rules do to today's domains and open orders?"""
