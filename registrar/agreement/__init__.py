"""What did the company promise its customers, and what follows from it? Pure functions of rules, dates and facts."""
