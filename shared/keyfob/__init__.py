"""Keyfob's shared layer: everything the functions have in common.

One way through, and no way back: ``gateway → contracts → service → store, crypto → model``.
"""
