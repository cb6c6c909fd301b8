"""The author's workshop: goldens, signatures, and labs made of a page or a script."""
