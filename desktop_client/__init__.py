"""The program a hospital runs: images, labels, training and federated rounds."""
