import { type RunningZoomReports, startZoomReports } from '../../producers/zoom/reports/service.ts'
import { connectZoom } from '../../producers/zoom/rest/connect.ts'
import type { checkSelection } from '../../producers/zoom/selection.ts'
import { systemClock as clock } from '../../runtime/clock.ts'
import type { Config } from '../../runtime/config/config.ts'
import type { ServiceStatus } from '../../runtime/run-pipeline.ts'
import { sandboxUrl } from './sandboxes.ts'
import type { ServiceParts } from './service-parts.ts'

/** Starts `zoom-reports` for the accounts of the configuration. */
export const openZoomReports = (
  config: Config,
  { kafka, codec, metrics, logger, sandboxes }: ServiceParts,
  selection: ReturnType<typeof checkSelection>,
  onFatal: (error: Error) => void,
): Promise<RunningZoomReports> => {
  const emulated = sandboxes.pages['Zoom'] ?? sandboxUrl(config, 'zoom')
  const accounts = config.zoom.accounts.map(account => ({
    name: account.name,
    calls: connectZoom(
      {
        ...account,
        baseUrl: account.baseUrl ?? `${emulated}/v2`,
        tokenUrl: account.tokenUrl ?? `${emulated}/oauth/token`,
      },
      { clock, metrics },
    ),
  }))
  const { reportAfterMs, reportWaitMs, sweepEveryMs } = config.zoom
  const parts = { kafka, codec, metrics, logger, clock, selection, accounts }
  return startZoomReports({ ...parts, reportAfterMs, reportWaitMs, sweepEveryMs, onFatal })
}

/** As a row of the console. */
export const statusOfReports = (running: RunningZoomReports | undefined): readonly ServiceStatus[] => {
  if (!running) return []
  const { state, reason, waiting } = running.status()
  const waits = waiting === 0 ? undefined : `${waiting} ${waiting === 1 ? 'run waits' : 'runs wait'} for a report`
  const said = [reason, waits].filter(text => text !== undefined).join('. ')
  return [{ name: 'zoom-reports', kind: 'producer', state, ...(said === '' ? {} : { reason: said }) }]
}
