// Lets Microsoft's library for Adaptive Cards read each card of a file, as strictly as it can.
const { readFileSync } = require('node:fs')
const { AdaptiveCard, SerializationContext, Version } = require('adaptivecards/dist/adaptivecards.js')

// Teams itself searches for people where a choice says so. It documents that for cards of this
// version; the library, which is for all hosts, knows it for none.
function withoutSearch (card) {
  return JSON.parse(JSON.stringify(card), (_, one) => {
    if (one?.['choices.data'] === undefined) return one
    const { 'choices.data': search, ...choice } = one
    return { ...choice, choices: [{ title: 'somebody', value: 'somebody' }] }
  })
}

// What the library reads a card by, and what it would write again: nothing of ours may be lost.
function faults (card) {
  const context = new SerializationContext(Version.parse('1.5'))
  const read = new AdaptiveCard()
  read.parse(card, context)
  const found = []
  for (let i = 0; i < context.eventCount; i++) found.push(context.getEventAt(i).message)
  for (const event of read.validateProperties().validationEvents) found.push(event.message)
  return found.concat(lost(card, read.toJSON(), 'card'))
}

// Teams' own additions, of which the library knows nothing; and values that go without saying.
const TEAMS = new Set(['msteams', 'data', 'fallback', 'associatedInputs'])
const PLAIN = new Set(['None', 'default', 'false', 'compact', 'Default', false])

function lost (given, kept, where) {
  if (Array.isArray(given)) {
    return given.flatMap((one, i) => lost(one, (kept ?? [])[i], `${where}[${i}]`))
  }
  if (given === null || typeof given !== 'object') {
    const same = String(given).toLowerCase() === String(kept).toLowerCase()
    return same || (kept === undefined && PLAIN.has(given)) ? [] : [`${where} is lost: ${given}, ${kept}`]
  }
  return Object.keys(given).filter((key) => !TEAMS.has(key)).flatMap(
    (key) => lost(given[key], (kept ?? {})[key], `${where}.${key}`))
}

const cards = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const wrong = new Map()
cards.map(withoutSearch).forEach((card) => faults(card).forEach((fault) => wrong.set(fault, (wrong.get(fault) ?? 0) + 1)))
for (const [fault, times] of wrong) console.log(`${times} x ${fault}`)
process.exit(wrong.size ? 1 : 0)
