import { Connection } from 'jsforce'
import type { NeedsPerson, Problem } from '../../../delivery/destination.ts'
import { problemOf } from '../answers.ts'
import { longIdIn } from '../people/ids.ts'
import { assertionOf, type Login } from './assertion.ts'
import type { Exchange } from './exchange.ts'

/** What a login gave. */
export interface Session {
  readonly kind: 'session'
  readonly accessToken: string
  /** Where the org is, without a slash at its end. */
  readonly instanceUrl: string
  /** Id of the user as whom we act, with 18 characters; null when the login did not tell it. */
  readonly userId: string | null
  /** Id of the org, with 18 characters; null when the login did not tell it. */
  readonly organizationId: string | null
}

/** The one session of a client. */
export interface Sessions {
  /** The session; logs in when there is none. Everybody who asks meanwhile waits for the same login. */
  current(signal: AbortSignal): Promise<Session | Problem>
  /** A session after that one was refused: a login, unless somebody else has logged in meanwhile. */
  after(refused: Session, signal: AbortSignal): Promise<Session | Problem>
}

export const createSessions = (login: Login, exchange: Exchange): Sessions => {
  let session: Session | undefined
  let underWay: Promise<Session | Problem> | undefined

  const share = (): Promise<Session | Problem> => {
    underWay ??= logIn(login, exchange)
      .then(result => {
        session = result.kind === 'session' ? result : undefined
        return result
      })
      .finally(() => {
        underWay = undefined
      })
    return underWay
  }
  const current = (signal: AbortSignal): Promise<Session | Problem> =>
    session ? Promise.resolve(session) : Promise.race([share(), endOf(signal)])
  return {
    current,
    after: (refused, signal) => {
      if (session === refused) session = undefined
      return current(signal)
    },
  }
}

/** What a caller gets who gave up; the login goes on for the others. */
const endOf = (signal: AbortSignal): Promise<Problem> =>
  new Promise(resolve => {
    const end = (): void => resolve(problemOf({ status: null, correlationId: null, errors: [], reason: 'connection' }))
    if (signal.aborted) end()
    else signal.addEventListener('abort', end, { once: true })
  })

const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

const logIn = async (login: Login, exchange: Exchange): Promise<Session | Problem> => {
  const assertion = signedFor(login, exchange.now())
  if (assertion === undefined) return keyUnusable
  const connection = new Connection({ loginUrl: login.loginUrl })
  // Nobody's signal ends it: others may wait for the same login.
  const answer = await exchange('login', new AbortController().signal, async transport => {
    connection.oauth2._transport = transport
    await connection.authorize({ grant_type: grantType, assertion })
  })
  const { status, correlationId } = answer
  if (answer.kind === 'success') {
    const { accessToken, instanceUrl, userInfo } = connection
    // What an answer holds is of any type, whatever jsforce says.
    if (typeof accessToken === 'string' && accessToken !== '' && isAddress(instanceUrl))
      return {
        ...{ kind: 'session', accessToken, instanceUrl: instanceUrl.replace(/\/+$/, '') },
        userId: longIdIn(userInfo?.id) ?? null,
        organizationId: longIdIn(userInfo?.organizationId) ?? null,
      }
    return refused({ status, correlationId }, '')
  }
  if (status === null || status === 429 || status >= 500) return problemOf(answer)
  return refused({ status, correlationId }, answer.body)
}

const isAddress = (url: unknown): url is string => typeof url === 'string' && URL.canParse(url)

const signedFor = (login: Login, now: number): string | undefined => {
  try {
    return assertionOf(login, now)
  } catch {
    return undefined
  }
}

const keyUnusable: NeedsPerson = {
  kind: 'needs-person',
  code: 'SALESFORCE_KEY_UNUSABLE',
  status: null,
  correlationId: null,
  message:
    'SALESFORCE_PRIVATE_KEY cannot sign: set it to the RSA private key, as PEM, whose certificate the connected app has, and restart.',
}

const admin = 'An admin must, in Setup under App Manager, open the connected app of SALESFORCE_CLIENT_ID and'

/** What to do, by what Salesforce says of a refused login (facts: JWT bearer errors). */
const remedies: readonly { readonly when: RegExp; readonly code: string; readonly says: string }[] = [
  {
    when: /invalid_client_id|client identifier invalid|invalid_client/,
    code: 'SALESFORCE_CLIENT_UNKNOWN',
    says: 'Salesforce does not know the connected app. Set SALESFORCE_CLIENT_ID to its consumer key (a new app needs ten minutes until it is known everywhere) and SALESFORCE_LOGIN_URL to the org that it is in, then restart.',
  },
  {
    when: /hasn't approved|not admin approved|invalid_app_access/,
    code: 'SALESFORCE_APP_NOT_APPROVED',
    says: `${admin} set Permitted Users to "Admin approved users are pre-authorized" and add a permission set or profile of the user SALESFORCE_USERNAME.`,
  },
  {
    when: /inactive_user|inactive user/,
    code: 'SALESFORCE_USER_INACTIVE',
    says: 'The user SALESFORCE_USERNAME is inactive or locked: an admin must activate it.',
  },
  {
    when: /inactive_org/,
    code: 'SALESFORCE_ORG_INACTIVE',
    says: 'The org is locked or expired: look at it in Salesforce, or set SALESFORCE_LOGIN_URL to another one.',
  },
  {
    when: /invalid_grant/,
    code: 'SALESFORCE_LOGIN_REFUSED',
    says: `Salesforce refuses the login. Check that SALESFORCE_USERNAME is the user's name in that very org and that SALESFORCE_LOGIN_URL is https://login.salesforce.com for production or https://test.salesforce.com for a sandbox. ${admin} see that "Use digital signatures" has the certificate of SALESFORCE_PRIVATE_KEY. The clock of this machine must be right.`,
  },
]

/** Salesforce's own words are not repeated: they decide the advice. */
const refused = (
  answer: { readonly status: number | null; readonly correlationId: string | null },
  body: string,
): NeedsPerson => {
  const remedy = remedies.find(({ when }) => when.test(body))
  return {
    kind: 'needs-person',
    code: remedy?.code ?? 'SALESFORCE_LOGIN_FAILED',
    message:
      remedy?.says ??
      `Expected a token from SALESFORCE_LOGIN_URL, but it answered with status ${answer.status} and something else. Set it to where users of the org log in, and restart.`,
    ...answer,
  }
}
