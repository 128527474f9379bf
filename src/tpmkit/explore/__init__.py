"""Explorers: pictures that answer while a slider moves. One file each."""
