"""From a file to pixels: decoding, the study's input contract, thumbnails."""
