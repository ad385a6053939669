import type { z } from 'zod'
import { accountEngagementSettings } from './settings/account-engagement.ts'
import { hubspotSettings } from './settings/hubspot.ts'
import { pendoSettings } from './settings/pendo.ts'
import { platformSettings } from './settings/platform.ts'
import { salesforceSettings } from './settings/salesforce.ts'
import { segmentSettings } from './settings/segment.ts'
import { servicesSettings } from './settings/services.ts'
import type { Setting } from './settings/setting.ts'
import { zoomSettings } from './settings/zoom.ts'

/**
 * Every setting. This table is the reference too: loading, `--help` and the docs derive from it. The names are public (interfaces.md).
 */
export const settings = {
  ...platformSettings,
  ...servicesSettings,
  ...hubspotSettings,
  ...zoomSettings,
  ...salesforceSettings,
  ...pendoSettings,
  ...accountEngagementSettings,
  ...segmentSettings,
} as const satisfies Record<string, Setting>

type Settings = typeof settings
export type SettingName = keyof Settings
type ValueOf<Name extends SettingName> = z.output<Settings[Name]['kind']['schema']>

/** Values by setting; undefined when it is not set and has no default. */
export type SettingValues = {
  readonly [Name in SettingName]: Settings[Name] extends { readonly default: string }
    ? ValueOf<Name>
    : ValueOf<Name> | undefined
}

/** The settings as rows of a reference, in reading order. */
export const settingsReference = (): readonly (Setting & { readonly name: SettingName })[] =>
  settingNames.map(name => ({ name, ...settings[name] }))

export const settingNames = Object.keys(settings) as SettingName[]

/** The part of `ZOOM_CLIENT_ID` that an account's own name `ZOOM_EMEA_CLIENT_ID` keeps: `CLIENT_ID`. */
export const perAccountSuffixes = settingNames
  .filter(name => (settings[name] as Setting).perAccount)
  .map(name => name.slice('ZOOM_'.length))
