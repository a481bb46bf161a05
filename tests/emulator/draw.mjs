// Draws blocks as Slack does, one below the other; bundled for the browser by esbuild.
import { createElement } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { Message } from 'slack-blocks-to-jsx'

const logo = 'data:image/svg+xml,' + encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4.5" cy="4.5" r="4" fill="teal"/></svg>')

function frame ({ title, blocks, submit, close, names }) {
  const message = createElement(Message, {
    blocks, name: 'Krets', time: new Date(0), logo,
    data: { users: Object.entries(names).map(([id, name]) => ({ id, name })) }
  })
  const foot = [close, submit].filter(Boolean).map((text) => createElement('span', { key: text }, text))
  return createElement('figure', {},
    title && createElement('header', {}, title), message,
    title && createElement('footer', {}, foot))
}

window.draw = (shown) => flushSync(() =>
  createRoot(document.body).render(shown.map((one, key) => createElement(frame, { ...one, key }))))
