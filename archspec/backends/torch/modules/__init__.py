"""Module classes that torch does not have; each file imports only torch, so that the export can copy it."""
