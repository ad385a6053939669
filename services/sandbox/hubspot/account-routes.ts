import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { parsed } from './bodies.ts'
import { HubSpotRefusal } from './errors.ts'
import type { RateLimiter } from './limits.ts'
import type { Portal } from './portal.ts'

/** The access token that the sandbox accepts. */
export const SANDBOX_TOKEN = 'sandbox'

const tokenRequest = z.object({ tokenKey: z.string() })

/** What an app can ask about the account and about itself. */
export const accountRoutes = (
  app: FastifyInstance,
  portal: Portal,
  limiter: RateLimiter,
  scopes: readonly string[],
): void => {
  app.get('/account-info/v3/details', () => ({
    portalId: portal.portalId,
    accountType: 'STANDARD',
    timeZone: portal.timeZone,
    companyCurrency: 'USD',
    additionalCurrencies: [],
    ...offsetOf(portal),
    uiDomain: 'app.hubspot.com',
    dataHostingLocation: 'na1',
  }))
  app.get('/account-info/v3/api-usage/daily/private-apps', () => {
    const { used, limit, resetsAt } = limiter.today()
    return {
      results: [
        {
          name: 'private-apps-api-calls-daily',
          usageLimit: limit,
          currentUsage: used,
          collectedAt: portal.now(),
          fetchStatus: 'SUCCESS',
          resetsAt: new Date(resetsAt).toISOString(),
        },
      ],
    }
  })
  // Not in the specification; at the end of HubSpot's guide "Private apps" (see also HubSpot/hubspot-api-php issue 171). It needs no scope.
  // Accounts in the EU want the token as bearer, too, so here it always has to be.
  app.post('/oauth/v2/private-apps/get/access-token-info', ({ body }) => {
    if (parsed(tokenRequest, body).tokenKey !== SANDBOX_TOKEN)
      throw new HubSpotRefusal(401, { message: 'The access token is not valid', category: 'INVALID_AUTHENTICATION' })
    return { userId: 1, hubId: portal.portalId, appId: Number(portal.app.id), scopes }
  })
}

/** How far the account's clock is from UTC now. */
const offsetOf = ({ timeZone, now }: Portal): { utcOffset: string; utcOffsetMilliseconds: number } => {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' })
  const name = format.formatToParts(new Date(now())).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const utcOffset = name.replace('GMT', '') || '+00:00'
  const [hours = 0, minutes = 0] = utcOffset.slice(1).split(':').map(Number)
  const ms = (hours * 60 + minutes) * 60_000
  return { utcOffset, utcOffsetMilliseconds: utcOffset.startsWith('-') ? -ms : ms }
}
