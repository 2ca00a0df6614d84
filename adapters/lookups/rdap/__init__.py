"""What does a name's registry tell everybody about it by RDAP? (RFC 7480, 9082, 9083, 9224)"""
