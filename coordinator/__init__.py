"""The headless server of SiteBlind: picks the sites of each round and averages what they send."""
