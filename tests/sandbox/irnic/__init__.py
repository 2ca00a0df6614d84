"""Does the IRNIC sandbox speak IRNIC's wire, and do its books hold what it did?"""
