/** What flows now, as the forecourt reports it several times a second on the live topic `fuel:<terminal>`. */
export interface Flow {
  volume_ml: number;
  amount_cents: number;
}
