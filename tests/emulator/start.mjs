// Starts the emulator of Slack with what is in a file, and says its address in one line.
import { createEmulator } from 'emulate'
import { readFileSync } from 'node:fs'

const [port, seed] = process.argv.slice(2)
const slack = JSON.parse(readFileSync(seed, 'utf8'))
const emulator = await createEmulator({ service: 'slack', port: Number(port), seed: { slack } })
console.log(emulator.url)
process.on('SIGTERM', () => emulator.close().then(() => process.exit(0)))
