/** The operator's page: static, it asks `/api/status` every second. Everything it shows is set as text, never as markup. */
export const statusPage = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tributary</title>
<link rel="icon" href="data:,">
<style>
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 15%, transparent); --good: #1a7f5a; --bad: #c0392b; --wait: #b7791f }
  body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 2rem 1.5rem }
  header { display: flex; align-items: baseline; gap: 1rem; flex-wrap: wrap }
  h1 { font-size: 1.5rem; margin: 0 }
  #state { font-weight: 600 }
  .good { color: var(--good) } .bad { color: var(--bad) } .wait { color: var(--wait) }
  dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1rem; margin: 1.5rem 0 }
  dl div { border: 1px solid var(--line); border-radius: .5rem; padding: .75rem 1rem }
  dt { font-size: .85rem; opacity: .7 } dd { margin: 0; font-size: 1.6rem; font-variant-numeric: tabular-nums }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; padding: .45rem .6rem; border-bottom: 1px solid var(--line) }
  td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
  #problems { padding-left: 1.2rem; color: var(--bad) }
  nav a { margin-right: 1rem }
</style>
</head>
<body>
<header><h1>Tributary</h1><span id="state" role="status">…</span></header>
<ul id="problems"></ul>
<dl>
  <div><dt>Webhooks received</dt><dd id="webhooks">–</dd></div>
  <div><dt>Writes finished</dt><dd id="delivered">–</dd></div>
  <div><dt>Waiting for a person</dt><dd id="parked">–</dd></div>
  <div><dt>Dead letters</dt><dd id="deadLetters">–</dd></div>
</dl>
<table>
  <thead><tr><th>Service</th><th>Kind</th><th>State</th><th class="number">Records behind</th></tr></thead>
  <tbody id="services"></tbody>
</table>
<ul id="budgets"></ul>
<p><a href="/metrics">Metrics</a></p>
<nav id="sandboxes"></nav>
<script>
  const byId = id => document.getElementById(id)
  const cell = (text, className) => { const td = document.createElement('td'); td.textContent = text; td.className = className ?? ''; return td }
  const tone = { running: 'good', standby: 'wait', paused: 'wait', stopped: 'bad' }
  const show = status => {
    byId('state').textContent = status.ready ? 'ready' : 'needs a look'
    byId('state').className = status.ready ? 'good' : 'bad'
    byId('problems').replaceChildren(...status.problems.map(problem => { const li = document.createElement('li'); li.textContent = problem; return li }))
    for (const [name, count] of Object.entries(status.counts)) byId(name).textContent = count.toLocaleString('en')
    byId('services').replaceChildren(...status.services.map(({ name, kind, state, lag }) => {
      const row = document.createElement('tr')
      row.append(cell(name), cell(kind), cell(state, tone[state]), cell(lag === null ? '–' : lag.toLocaleString('en'), 'number'))
      return row
    }))
    byId('budgets').replaceChildren(...status.budgets.map(({ name, used, limit, isLow }) => {
      const li = document.createElement('li'); li.className = isLow ? 'bad' : ''
      li.textContent = name + ': ' + used.toLocaleString('en') + ' of ' + limit.toLocaleString('en')
      return li
    }))
    byId('sandboxes').replaceChildren(...Object.entries(status.sandboxes).map(([name, url]) => {
      const link = document.createElement('a'); link.href = url; link.textContent = 'Emulated ' + name; return link
    }))
  }
  const ask = async () => {
    try { show(await (await fetch('/api/status')).json()) }
    catch { byId('state').textContent = 'does not answer'; byId('state').className = 'bad' }
    setTimeout(ask, 1000)
  }
  ask()
</script>
</body>
</html>
`
