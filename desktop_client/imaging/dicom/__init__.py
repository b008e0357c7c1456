"""DICOM: from a file of an archive to pixels, what they measure, and where they come from."""
