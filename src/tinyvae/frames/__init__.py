"""Codes and labels as people hold them: frames, AnnData, arrays, files."""
