"""Who are the customers: how is each written to, and what keeps his orders waiting (E2, O6, F5)?"""
