"""Whole federations in one process, on a folder of several sites' images: run, compare, judge."""
