"""The read-only web page of a study owner: what happened, what is waited for, how it goes."""
