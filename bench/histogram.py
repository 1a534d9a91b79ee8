"""How many of all requests were in a batch of each size, as a picture. Pure."""
import html

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 760, 320, 60, 46, 50
COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")  # as in src/bench/plot.cc


def shares(batches):
    """Batch size -> the share of rows that ran in batches of that size."""
    rows = {int(size): int(size) * count for size, count in batches["runs"].items()}
    return {size: count / sum(rows.values()) for size, count in sorted(rows.items())}


def render(title, series):
    """`series`: (label, batches as `oarlock bench --json` tells them)."""
    found = [(label, shares(batches)) for label, batches in series]
    sizes = range(1, max(max(each) for _, each in found) + 1)
    top = max(max(each.values()) for _, each in found)
    slot, bar = (WIDTH - LEFT - 20) / len(sizes), (WIDTH - LEFT - 20) / len(sizes) * 0.8 / len(found)
    height = HEIGHT - TOP - BOTTOM
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
             f'font-size="12">', f"<title>{html.escape(title)}</title>", f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
             f'<text x="{LEFT}" y="20" font-size="14">{html.escape(title)}</text>']
    for tenths in range(0, 11):
        share = tenths / 10
        if share <= top + 0.1:
            y = TOP + height * (1 - share / (top + 0.1))
            parts.append(f'<line x1="{LEFT}" x2="{WIDTH - 20}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
                         f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{100 * share:.0f} %</text>')
    for index, (label, each) in enumerate(found):
        color = COLORS[index % len(COLORS)]
        for size, share in each.items():
            x, tall = LEFT + (size - 1) * slot + slot * 0.1 + index * bar, height * share / (top + 0.1)
            parts.append(f'<rect x="{x:.1f}" y="{TOP + height - tall:.1f}" width="{bar:.1f}" height="{tall:.1f}" fill="{color}"/>')
        parts.append(f'<rect x="{LEFT + 170 * index}" y="28" width="10" height="10" fill="{color}"/>'
                     f'<text x="{LEFT + 170 * index + 15}" y="37">{html.escape(label)}</text>')
    for size in sizes:
        parts.append(f'<text x="{LEFT + (size - 0.5) * slot:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{size}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" text-anchor="middle">rows of the batch</text></svg>')
    return "\n".join(parts) + "\n"
