import { Button } from "../design/Button";
import { Icon } from "../design/Icon";
import { t } from "../i18n/i18n";
import type { Basket } from "../wire/types";
import { returnCoupon } from "./deeds";
import { isOnline } from "./model";

/** What was handed in with the basket; it may be had back. */
export function Coupons({ basket }: { basket: Basket }) {
  return (
    <>
      {basket.coupons.map(({ code, name }) => (
        <li key={code} class="coupon">
          <Icon name="tag" />
          <span>
            {t("Coupon")} <bdi>{name}</bdi>
          </span>
          <Button
            icon="close"
            look="plain"
            label={t("Take the coupon {name} back", { name })}
            onPress={() => returnCoupon(code)}
            isDisabled={!isOnline.value}
          />
        </li>
      ))}
    </>
  );
}
