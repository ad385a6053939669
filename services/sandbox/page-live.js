// Runs in the browser, on every page of the sandbox; renderPage in page.ts says what it does.
const HIGHLIGHT = 'changed'

const highlight = element => {
  element.classList.remove(HIGHLIGHT)
  void element.offsetWidth // restarts the animation
  element.classList.add(HIGHLIGHT)
}

/** Takes over the values of inputs that nobody is editing. */
const adoptInputs = (before, after) => {
  for (const fresh of after.querySelectorAll('input[name],select[name],textarea[name]')) {
    const input = before.querySelector(`[name="${CSS.escape(fresh.name)}"]`)
    if (!input || input === document.activeElement || input.dataset.edited || input.value === fresh.value) continue
    input.value = fresh.value
    highlight(input.closest('tr') ?? input)
  }
}

const adoptCells = (row, fresh) => {
  const cells = [...row.children]
  for (const [index, cell] of [...fresh.children].entries()) {
    if (cells[index].innerHTML === cell.innerHTML) continue
    cells[index].replaceWith(cell)
    highlight(cell)
    highlight(row)
  }
}

/** Rows that did not change stay the same elements in the same place, so that their highlighting runs to its end. */
const adoptRows = (before, after) => {
  const known = new Map([...before.children].map(row => [row.id, row]))
  const wanted = new Set([...after.children].map(row => row.id))
  for (const [id, row] of known) if (!wanted.has(id)) row.remove()
  let place = before.firstElementChild
  for (const fresh of [...after.children]) {
    const row = known.get(fresh.id) ?? fresh
    if (row === place) place = place.nextElementSibling
    else before.insertBefore(row, place)
    if (row === fresh) highlight(row)
    else adoptCells(row, fresh)
  }
}

const sameAround = (before, after) => {
  const around = live => live.querySelector('thead')?.innerHTML + live.querySelectorAll('.empty').length
  return around(before) === around(after)
}

const adopt = (before, after) => {
  if (after.querySelector('input,select,textarea')) return adoptInputs(before, after)
  if (before.querySelector('details[open]')) return
  const [rows, freshRows] = [before.querySelector('tbody'), after.querySelector('tbody')]
  if (rows?.querySelector('[id]') && freshRows && sameAround(before, after)) adoptRows(rows, freshRows)
  else before.replaceChildren(...after.childNodes)
}

let fetching = false
let changedMeanwhile = false

const refresh = async () => {
  if (fetching) {
    changedMeanwhile = true
    return
  }
  fetching = true
  try {
    const next = new DOMParser().parseFromString(await (await fetch(location.href)).text(), 'text/html')
    for (const before of document.querySelectorAll('[data-live]')) {
      const after = next.getElementById(before.id)
      if (after) adopt(before, after)
    }
  } finally {
    fetching = false
    if (changedMeanwhile) setTimeout(refresh, 150)
    changedMeanwhile = false
  }
}

const connection = document.querySelector('[data-connection]')
const showConnection = live => {
  connection.classList.toggle('lost', !live)
  connection.textContent = live ? 'live' : 'connection lost'
}

const changes = new EventSource('/_sandbox/changes')
changes.onmessage = refresh
changes.onopen = () => {
  showConnection(true)
  void refresh()
}
changes.onerror = () => showConnection(false)

document.addEventListener('input', event => {
  event.target.dataset.edited = 'yes'
})

/** A form of a record sends only what was edited: the other fields may have changed since the page was loaded. */
document.addEventListener('submit', event => {
  if (!event.target.matches('form[data-edits]')) return
  for (const input of event.target.elements) if (input.name && !input.dataset.edited) input.disabled = true
})

document.querySelector('form[data-search] input')?.addEventListener('input', event => {
  const address = new URL(location.href)
  address.searchParams.set('q', event.target.value)
  address.searchParams.delete('page')
  history.replaceState(null, '', address)
  void refresh()
})
