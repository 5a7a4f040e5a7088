"""The cellar: the only SQL of the house. One connection writes; every other only reads."""
