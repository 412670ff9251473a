"""What a program can ask of a draft before people review it, and the reasons why something stays."""
