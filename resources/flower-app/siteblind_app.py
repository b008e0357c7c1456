"""SiteBlind as an app of Flower; SiteBlind itself is installed beside Flower at every site."""

from desktop_client.federation.flower.deployed import client, server

__all__ = ["client", "server"]
