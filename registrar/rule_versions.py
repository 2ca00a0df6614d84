"""Which rules were in force, word for word, when something was decided?"""
