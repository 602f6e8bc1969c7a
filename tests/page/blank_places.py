"""How much of a page is empty."""

BLANK = """() => {
    const main = document.querySelector('main').getBoundingClientRect();
    const cards = [...document.querySelectorAll('main .card')]
        .filter((one) => one.checkVisibility());
    const boxes = cards.map((card) => card.getBoundingClientRect());
    const area = boxes.reduce((sum, { width, height }) => sum + width * height, 0);
    const ends = cards.map((card) => {
        const parts = [...card.children].filter((one) => one.checkVisibility());
        const bottoms = parts.map((one) => one.getBoundingClientRect().bottom);
        const { bottom } = card.getBoundingClientRect();
        return [card.getAttribute('aria-labelledby'), bottom - Math.max(...bottoms)];
    });
    const inner = (main.width - 32) * (main.height - 24);
    return [area / inner, ends];
}"""
FILLED = 0.94  # of the grid is cards: the rest is the gaps between them


def blank(page) -> tuple[float, list]:
    page.set_viewport_size({"width": 1440, "height": 900})
    return page.evaluate(BLANK)
