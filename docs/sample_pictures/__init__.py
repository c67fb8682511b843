"""The drawings of the sample content; `docs/draw_sample_pictures.py` draws them all."""
