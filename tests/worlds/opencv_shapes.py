"""Shapes drawn by OpenCV, 32 times as fine on each axis, then averaged."""

import math

import cv2
import numpy as np

FINE, SHIFT = 32, 4
CORNERS = 720


def outline(shape: str) -> np.ndarray:
    """Corners (x, y) of the shape of area pi, its centroid at the origin, y down."""
    angle = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    if shape == "disc":
        points = np.column_stack([np.cos(angle), np.sin(angle)])
    elif shape == "ellipse":
        points = np.column_stack([2 * np.cos(angle), np.sin(angle)])
    elif shape == "square":
        points = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
    elif shape == "triangle":
        third = np.radians([-90, 30, 150])
        points = np.column_stack([np.cos(third), np.sin(third)])
    else:  # a square on its tip, and half a disc on each of its upper sides
        half = np.linspace(-np.pi / 2, np.pi / 2, CORNERS)
        right = np.column_stack([2 + np.cos(half), 1 + np.sin(half)])
        left = np.column_stack([1 - np.sin(half), 2 + np.cos(half)])
        sides = np.concatenate([[[0.0, 0.0]], right, left])
        points = np.column_stack(
            [sides[:, 0] - sides[:, 1], -sides[:, 0] - sides[:, 1]]
        )
    area, centroid = area_and_centroid(points)
    return (points - centroid) * math.sqrt(math.pi / area)


def area_and_centroid(points: np.ndarray) -> tuple[float, np.ndarray]:
    """Of a polygon, by the shoelace formula."""
    following = np.roll(points, -1, axis=0)
    cross = points[:, 0] * following[:, 1] - following[:, 0] * points[:, 1]
    area = cross.sum() / 2
    return abs(area), ((points + following) * cross[:, None]).sum(0) / (6 * area)


def drawn_by_opencv(
    shape: str, scale: float, degrees: float, x: float, y: float, size: int
) -> np.ndarray:
    """Share of each pixel that the shape covers, turned clockwise about (x, y)."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[cos, -sin], [sin, cos]])
    points = outline(shape) * scale @ turn.T + [x, y]
    fine = ((points + 0.5) * FINE - 0.5) * 2**SHIFT
    canvas = np.zeros((size * FINE, size * FINE), np.uint8)
    cv2.fillPoly(canvas, [np.rint(fine).astype(np.int32)], (1,), shift=SHIFT)
    return canvas.reshape(size, FINE, size, FINE).mean((1, 3))
