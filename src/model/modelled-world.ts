import type {
  ButtonInput,
  DcSensorState,
  InputState,
  SupplyState,
  TagInput,
  TemperatureState,
  VehicleState,
} from './api-types.js';
import type { RunningModel } from './running-model.js';

/** The world around the charger: vehicle, button, supply, residual currents, inputs, temperature, NFC tags. */
export class ModelledWorld {
  /** Counts the calls of setVehicle(), so that the demo notices writes of others. */
  vehicleWrites = 0;
  readonly #model: RunningModel;

  constructor(model: RunningModel) {
    this.#model = model;
  }

  vehicle(): VehicleState {
    return this.#model.hardware.vehicle.state;
  }

  setVehicle(vehicle: VehicleState): void {
    this.vehicleWrites++;
    this.#model.hardware.setVehicle(vehicle, this.#model.time);
  }

  button(): ButtonInput {
    return { pressed: this.#model.hardware.pressed };
  }

  setButton({ pressed }: ButtonInput): void {
    this.#model.hardware.setButton(pressed, this.#model.time);
  }

  supply(): SupplyState {
    return this.#model.hardware.supply.state;
  }

  /** Members that are left out stay as they are. */
  setSupply(supply: Partial<SupplyState>): void {
    this.#model.hardware.setSupply({ ...this.#model.hardware.supply.state, ...supply }, this.#model.time);
  }

  dcSensor(): DcSensorState {
    return this.#model.hardware.sensor.state;
  }

  setDcSensor(sensor: DcSensorState): void {
    this.#model.hardware.setSensor(sensor, this.#model.time);
  }

  inputs(): InputState {
    return this.#model.hardware.inputs.state;
  }

  setInputs(inputs: InputState): void {
    this.#model.hardware.setInputs(inputs, this.#model.time);
  }

  temperature(): TemperatureState {
    return this.#model.hardware.thermometer.state;
  }

  setTemperature(temperature: TemperatureState): void {
    this.#model.hardware.setTemperature(temperature, this.#model.time);
  }

  /** Holds an NFC tag to the reader. */
  holdTag(tag: TagInput): void {
    this.#model.write((processor, time) => processor.tags.hold(tag, time));
  }
}
