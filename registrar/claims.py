"""Who claims a name, what is done about it, and can it be shown (D9)?"""
