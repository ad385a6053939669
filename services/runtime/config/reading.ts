import type { Given } from './emulation.ts'
import type { Environment } from './environment.ts'
import type { Mistakes } from './mistakes.ts'
import type { Setting } from './settings/setting.ts'
import { perAccountSuffixes, type SettingName, type SettingValues, settingNames, settings } from './settings.ts'
import { defaultZoomAccount, type ZoomAccountValues, zoomAccountNames, zoomPrefix } from './zoom-accounts.ts'

/** All that is set, each value validated on its own. */
export interface GivenValues {
  readonly values: SettingValues
  /** By account name, the default one first. */
  readonly zoomAccounts: ReadonlyMap<string, ZoomAccountValues>
  /** What people set, as text, settings of further accounts included. Well-formed or not. */
  readonly given: readonly Given[]
}

/** Texts longer than this are cut when a mistake shows what came. */
const longestShown = 80

/** Reads every setting. A value that does not fit becomes a mistake and counts as its default. */
export const readSettings = (environment: Environment, mistakes: Mistakes): GivenValues => {
  const given: Given[] = []
  const read = (name: string, setting: SettingName): unknown => {
    const definition: Setting = settings[setting]
    const value = definition.secret ? environment.secret(name) : environment.get(name)
    if (value !== undefined) given.push({ name, setting, value })
    const parsed = value === undefined ? undefined : parse(name, definition, value, mistakes)
    return parsed ?? (definition.default === undefined ? undefined : definition.kind.schema.parse(definition.default))
  }
  const values = Object.fromEntries(settingNames.map(name => [name, read(name, name)])) as unknown as SettingValues
  const accounts = [defaultZoomAccount, ...zoomAccountNames(values.ZOOM_ACCOUNTS ?? [], mistakes)]
  const zoomAccounts = new Map(
    accounts.map(account => [
      account,
      account === defaultZoomAccount
        ? ofDefaultAccount(values)
        : (Object.fromEntries(
            perAccountSuffixes.map(suffix => [
              suffix,
              read(zoomPrefix(account) + suffix, `ZOOM_${suffix}` as SettingName),
            ]),
          ) as ZoomAccountValues),
    ]),
  )
  return { values, zoomAccounts, given }
}

const parse = (name: string, { kind, secret }: Setting, value: string, mistakes: Mistakes): unknown => {
  const result = kind.schema.safeParse(value)
  if (result.success) return result.data
  mistakes.add(
    `${name} must be ${kind.expects}, but is ${secret ? `another text of ${value.length} characters (not shown)` : shown(value)}.`,
  )
  return undefined
}

/** The text without what a URL may carry of credentials: its user part and its query. */
const shown = (value: string): string => {
  const safe = value.replace(/\/\/[^/\s]*@/g, '//…@').replace(/\?.*$/s, '?…')
  return JSON.stringify(safe.length > longestShown ? `${safe.slice(0, longestShown)}…` : safe)
}

const ofDefaultAccount = (values: SettingValues): ZoomAccountValues => ({
  ACCOUNT_ID: values.ZOOM_ACCOUNT_ID,
  CLIENT_ID: values.ZOOM_CLIENT_ID,
  CLIENT_SECRET: values.ZOOM_CLIENT_SECRET,
  WEBHOOK_SECRET: values.ZOOM_WEBHOOK_SECRET,
  BASE_URL: values.ZOOM_BASE_URL,
  TOKEN_URL: values.ZOOM_TOKEN_URL,
})
