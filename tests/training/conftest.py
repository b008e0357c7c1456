"""Generated cases may take their time: how long one takes says only how busy the machine is."""

from hypothesis import settings

settings.register_profile("unhurried", deadline=None, max_examples=50)
settings.load_profile("unhurried")
