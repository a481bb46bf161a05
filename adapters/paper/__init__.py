"""Paper: a meeting on one page, as a page to print and as PDF."""
