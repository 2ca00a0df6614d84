"""The life of an order: placed, begun, sent, settled, and ended once (the picture is in `states`)."""
