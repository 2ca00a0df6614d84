"""What would an order cost and be promised, and what price was promised to whom until when (O4)?"""
