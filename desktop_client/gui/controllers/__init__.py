"""What connects the pages to labels, training and studies; holds no widgets of its own."""
