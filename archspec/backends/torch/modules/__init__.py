"""Module classes that torch does not have; each file stands alone and imports only torch."""
