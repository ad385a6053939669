// Runs in the browser, on the Zoom sandbox's page: its buttons and forms make things happen, the page follows by itself.
;(() => {
  const problem = document.getElementById('problem')
  const post = async (path, body) => {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
    const answer = await response.json()
    problem.hidden = response.ok
    if (!response.ok) problem.textContent = answer.message
    return response.ok ? answer : undefined
  }
  document.addEventListener('click', async event => {
    const button = event.target.closest('button')
    if (!button) return
    const { action, play, ...input } = button.dataset
    if (play) await post('/_sandbox/play', { file: play })
    else if (action && button.type !== 'reset' && !button.closest('form')) await post(`/actions/${action}`, input)
  })
  document.addEventListener('submit', async event => {
    const form = event.target
    const { action, ...input } = form.dataset
    event.preventDefault()
    if (!action) return
    const { webinar = '' } = document.getElementById('detail-head').dataset
    const answer = await post(`/actions/${action}`, { webinar, ...input, ...Object.fromEntries(new FormData(form)) })
    if (!answer) return
    form.reset()
    if (action === 'schedule') location.href = `/?webinar=${answer.webinar}`
  })
  const rate = document.querySelector('[data-rate]')
  const shown = document.querySelector('[data-rate-shown]')
  rate.addEventListener('input', () => {
    shown.textContent = rate.value === '0' ? 'off' : `${rate.value}/s`
  })
  rate.addEventListener('change', () => post('/_sandbox/play', { rate: Number(rate.value) }))
})()
