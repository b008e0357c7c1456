"""Reports on a model and its card: one document, written as HTML, PDF or Markdown; no Qt."""
