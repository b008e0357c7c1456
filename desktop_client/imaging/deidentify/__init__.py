"""Copies of images that say nothing about whom they show: headers, names and burned-in text."""
