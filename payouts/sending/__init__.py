"""
Sends instructions to banks: stores and commits each instruction first, then calls the bank; asks after a time-out.
"""
