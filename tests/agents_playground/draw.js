// Draws cards with Microsoft's library, roughly in the colours of Teams.
window.draw = (shown, look) => {
  const colour = (one) => ({ default: one, subtle: look.subtle })
  const container = (background) => ({
    backgroundColor: background,
    foregroundColors: {
      default: colour(look.text), accent: colour(look.accent), attention: colour(look.attention)
    }
  })
  const host = new AdaptiveCards.HostConfig({
    supportsInteractivity: true,
    fontFamily: 'Selawik, "Segoe UI", "DejaVu Sans", sans-serif',
    fontSizes: { small: 12, default: 14, medium: 16, large: 18, extraLarge: 24 },
    fontWeights: { lighter: 300, default: 400, bolder: 600 },
    lineHeights: { small: 16, default: 20, medium: 22, large: 24, extraLarge: 32 },
    separator: { lineThickness: 1, lineColor: look.line },
    textStyles: { heading: { size: 'large', weight: 'bolder' } },
    containerStyles: { default: container(look.card), emphasis: container(look.emphasis) },
    actions: { maxActions: 6, actionsOrientation: 'horizontal', buttonSpacing: 8, actionAlignment: 'left' },
    inputs: { errorMessage: {}, label: { requiredInputs: {}, optionalInputs: {} } }
  })
  for (const { card, title } of shown) {
    const figure = document.createElement('figure')
    if (title) figure.append(Object.assign(document.createElement('header'), { textContent: title }))
    const drawn = new AdaptiveCards.AdaptiveCard()
    drawn.hostConfig = host
    drawn.parse(card)
    figure.append(drawn.render())
    document.body.append(figure)
  }
}
