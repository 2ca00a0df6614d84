"""How does a name leave for a panel outside, and on which grounds may it not (D7)?"""
