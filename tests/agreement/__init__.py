"""Are the rules of the agreement read as they are written, and do decisions follow them to the second?"""
